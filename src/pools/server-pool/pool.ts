import type { ClientParts } from "../../client/parts.js";
import type { PoolIdentity } from "./rows/naming.js";
import type { Hider } from "../servers/hider.js";
import type { ResolvedServerPoolOptions } from "./options.js";
import type { PoolRows } from "./rows/pool-rows.js";

/** What the functions of a pool share. */
export interface Pool {
  readonly parts: ClientParts;
  readonly identity: PoolIdentity;
  readonly options: ResolvedServerPoolOptions;
  readonly rows: PoolRows;
  readonly hider: Hider;
}

/** So many requests are under way at a time. */
export const WIDTH = 8;
