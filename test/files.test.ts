import { expectTypeOf, it } from "vitest";
import type { FileStore } from "aci-lifecycle";
import type { ShareFolder } from "aci-lifecycle/emulator";

it("lets a share of the emulator stand wherever a FileStore is wanted", () => {
  expectTypeOf<ShareFolder>().toExtend<FileStore>();
});
