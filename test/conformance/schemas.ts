/** Compiles the schemas of the reference data: Marathon 1.4's JSON Schemas, and the RAML types of later ones. */
import { Ajv, type ValidateFunction } from 'ajv';
import addFormats from 'ajv-formats';
import { Deviation } from './check.ts';
import { schemaOf } from './raml.ts';
import type { Reference } from './reference.ts';

export interface Schemas {
  /** A RAML type of `marathon/types/<library>.raml`. @throws Deviation that names each place where the value deviates */
  mustBe(library: string, type: string, value: unknown): void;
  /** Whether an app definition is one by the JSON Schema of 1.4, and what is wrong with it if not. */
  app14(value: unknown): string | null;
}

export function compileSchemas(reference: Reference): Schemas {
  const ajv = new Ajv({ strict: false, allErrors: true, validateSchema: false });
  addFormats.default(ajv);
  const compiled = new Map<string, ValidateFunction>();
  // Its $schema names no draft; what it uses means the same in all of them.
  const { $schema: _draft, ...app } = reference.json('marathon/schema-1.4/AppDefinition.json') as Record<
    string,
    unknown
  >;
  const validate14 = ajv.compile(app);
  return {
    mustBe(library, type, value) {
      const key = `${library}.${type}`;
      const path = `marathon/types/${library}.raml`;
      const validate = compiled.get(key) ?? ajv.compile(schemaOf(reference.text, path, type));
      compiled.set(key, validate);
      if (!validate(value)) throw new Deviation(`not a ${key}: ${problemsOf(validate)}`);
    },
    app14: (value) => (validate14(value) ? null : problemsOf(validate14)),
  };
}

function problemsOf({ errors }: ValidateFunction): string {
  const places = (errors ?? []).map(({ instancePath, message, params }) => {
    const extra = 'additionalProperty' in params ? ` (${String(params['additionalProperty'])})` : '';
    return `${instancePath === '' ? '/' : instancePath} ${message ?? 'is wrong'}${extra}`;
  });
  return [...new Set(places)].slice(0, 4).join('; ');
}
