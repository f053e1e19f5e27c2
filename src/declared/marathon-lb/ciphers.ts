/** Which lists of ciphers a label may set: OpenSSL makes something of each, so none keeps HAProxy from loading its configuration. */

/** Kinds of ciphers with which TLS 1.2 is spoken, also by the name of the suite. */
const kinds = 'ECDHE|EECDH|kEECDH|kECDHE';
const strong: readonly RegExp[] = [
  new RegExp(`^(?:ALL|HIGH|AES|AES128|AES256|AESGCM|${kinds})$`),
  new RegExp(`^(?:AES|AES128|AES256|AESGCM)\\+(?:${kinds})$`),
  new RegExp(`^(?:${kinds})\\+(?:AES|AES128|AES256|AESGCM)$`),
  /^ECDHE-(?:ECDSA|RSA)-(?:AES128-GCM-SHA256|AES256-GCM-SHA384|CHACHA20-POLY1305)$/,
];
/** What else may stand beside one of those: more of them, or weak ones that are taken away. */
const others: readonly RegExp[] = [
  /^[+]?(?:[A-Za-z0-9_]+(?:[+-][A-Za-z0-9_]+)*)$/,
  /^[!-](?:aNULL|eNULL|NULL|ADH|AECDH|EXPORT|EXP|LOW|MEDIUM|MD5|DES|3DES|RC2|RC4|IDEA|SEED|PSK|SRP|DSS|aDSS|CAMELLIA|ARIA|SHA1|SHA|kRSA|DH|kDH|kDHE|kEDH|EDH|DHE)$/,
  /^@STRENGTH$/,
];

/** For TLS up to 1.2. */
export function isCipherList(text: string): boolean {
  const words = text.length > 2_000 ? [] : text.split(/[:,]/);
  const isStrong = (word: string): boolean => strong.some((each) => each.test(word));
  return (
    words.some(isStrong) && words.every((word) => isStrong(word) || others.some((each) => each.test(word)))
  );
}

const suites = /^TLS_(?:AES_128_GCM_SHA256|AES_256_GCM_SHA384|CHACHA20_POLY1305_SHA256|AES_128_CCM_SHA256)$/;

/** For TLS 1.3. */
export function isSuiteList(text: string): boolean {
  return text.length <= 2_000 && text.split(':').every((word) => suites.test(word));
}
