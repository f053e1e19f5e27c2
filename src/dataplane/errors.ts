/** What a data plane can fail with. */
import { type DataPlaneErrorCode, dataPlaneErrorTable } from './error-table.ts';

/** The data plane could not be asked, started or changed. What was done until then stays done. */
export class DataPlaneError extends Error {
  readonly code: DataPlaneErrorCode;
  /** Whether the same call may succeed later without anybody doing anything. */
  readonly retryable: boolean;

  constructor(code: DataPlaneErrorCode, message: string, options: { readonly cause?: unknown } = {}) {
    super(message, options);
    this.name = 'DataPlaneError';
    this.code = code;
    this.retryable = dataPlaneErrorTable[code].retryable;
  }
}
