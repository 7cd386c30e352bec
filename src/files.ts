/**
 * A place for files that containers mount: a share. Paths are relative to it, with `/` between folders.
 *
 * @remarks
 * The emulator's shares are such places. On Azure a share is reached by its own protocol.
 *
 * @beta
 */
export interface FileStore {
  /** Writes a whole file, and the folders above it. */
  write(path: string, data: string | Uint8Array): Promise<void>;
  /** Reads a whole file. Rejects if there is none. */
  read(path: string): Promise<Uint8Array>;
  /** The paths of all files. */
  list(): Promise<readonly string[]>;
}
