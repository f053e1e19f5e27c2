/** Vamp's conditions as a tree. */
export type Condition =
  | { readonly kind: 'and' | 'or'; readonly operands: readonly Condition[] }
  | { readonly kind: 'not'; readonly operand: Condition }
  | { readonly kind: 'host'; readonly value: string }
  /** The header User-Agent contains it. */
  | { readonly kind: 'user-agent'; readonly value: string }
  | { readonly kind: 'has-header' | 'has-cookie'; readonly name: string }
  /** The header or the cookie contains the value. */
  | { readonly kind: 'header' | 'cookie'; readonly name: string; readonly value: string }
  /** HAProxy's own words; only with `--allow-templates`. */
  | { readonly kind: 'raw'; readonly acl: string };
