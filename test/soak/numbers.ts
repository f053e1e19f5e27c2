/** Numbers from the environment. */

export function numberOf(name: string, whenAbsent: number): number {
  const text = process.env[name] ?? '';
  return /^\d+$/.test(text) ? Number(text) : whenAbsent;
}
