/** The port to what must outlive the process: one versioned document. */

export interface Store {
  /** The last document that was saved whole, or null when there is none (or only a damaged one, kept aside and reported). */
  load(): Promise<StoredDocument | null>;
  /** Replaces the document atomically: after a crash at any moment either the old or the new one is there, whole. */
  save(document: StoredDocument): Promise<void>;
  /** Keeps a copy of the document as it is, because a part of it cannot be read, and reports that. */
  keepAside(problem: string): Promise<void>;
}

/** Everything Baton remembers; its parts are validated by the rooms that own them. */
export interface StoredDocument {
  readonly version: 1;
  readonly parts: Readonly<Record<string, unknown>>;
}
