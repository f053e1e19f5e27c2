/** When certificates are valid: HAProxy takes those outside their dates too, which clients then refuse. */
import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { blocks } from './tls-reasons.ts';

/** What is wrong with the dates of a certificate. */
export interface Untimely {
  readonly code: 'certificate-expired' | 'certificate-not-yet-valid';
  /** Which one of the file, and the date. */
  readonly detail: string;
}

export interface Validity {
  readonly subject: string;
  readonly from: Date;
  readonly to: Date;
}

/** Of each certificate in a file, those that it rests on included; none of what cannot be read. */
export async function validitiesIn(path: string): Promise<readonly Validity[]> {
  try {
    return blocks(await readFile(path, 'utf8'), 'CERTIFICATE').map((block) => {
      const { subject, validFromDate: from, validToDate: to } = new X509Certificate(block);
      return { subject: subject.replaceAll('\n', ', '), from, to };
    });
  } catch {
    return [];
  }
}

/** Of the first certificate that is not valid at that time; null when all are. */
export function untimelyAt(now: number, validities: readonly Validity[]): Untimely | null {
  for (const { subject, from, to } of validities) {
    if (now > to.getTime()) return { code: 'certificate-expired', detail: `${subject}, on ${shown(to)}` };
    if (now < from.getTime())
      return { code: 'certificate-not-yet-valid', detail: `${subject}, from ${shown(from)} on` };
  }
  return null;
}

/** Certificates know whole seconds only. */
function shown(date: Date): string {
  return date.toISOString().replace('.000Z', 'Z');
}
