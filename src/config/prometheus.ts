/** Reads where Prometheus is. */

const should = 'an http or https URL without ? and #, e.g. http://prometheus.mesos:9090';

/** Whether it is an address behind which paths can be put. */
export function isPrometheusUrl(text: string): boolean {
  return /^https?:\/\/[^?#\s]+$/.test(text) && URL.canParse(text);
}

/** What is wrong with an address, whose user and password are nobody's business. */
export function badPrometheusUrl(text: string): string {
  return `--prometheus is ${JSON.stringify(text.replace(/\/\/.*@/, '//***@'))}; it should be ${should}`;
}
