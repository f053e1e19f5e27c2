/** Reads where Marathon is. */

/** Whether it is one address behind which paths can be put. */
export function isMarathonUrl(text: string): boolean {
  const url = /^https?:\/\/[^?#\s]+$/i.test(text) ? URL.parse(text) : null;
  // Variables take several with commas, flags do not.
  return url !== null && !/[,;]/.test(url.host + url.pathname);
}

/** What is wrong with an address, whose user and password are nobody's business. */
export function badMarathonUrl(text: string): string {
  const shown = JSON.stringify(text.replaceAll(/\/\/\S*@/g, '//***@'));
  const should = 'it should be a URL, e.g. http://marathon.mesos:8080';
  return `--marathon is ${shown}; ${should}${hintAt(text)}`;
}

function hintAt(text: string): string {
  if (/@/.test(text)) return ', with user and password percent-encoded if they are in it';
  if (/[,;]/.test(text)) return '; give --marathon once for each address';
  return /[?#]/.test(text) ? ', without ? and #' : '';
}
