/** What is thrown when the configuration makes no sense. */

/** A flag, variable or value that makes no sense. The message names it and says what would. */
export class ConfigError extends Error {
  readonly code = 'config-invalid';
}
