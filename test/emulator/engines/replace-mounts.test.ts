import { describe, expect, it } from "vitest";
import { replaceMounts } from "../../../src/emulator/engines/process/replace-mounts.js";

describe("replaceMounts", () => {
  const mounts = [
    { path: "/mnt", folder: "/tmp/outer" },
    { path: "/mnt/in/", folder: "/tmp/inner" },
  ];
  it.each([
    ["/mnt", "/tmp/outer"],
    ["/mnt/x", "/tmp/outer/x"],
    ["/mnt/in/book.txt", "/tmp/inner/book.txt"],
    ["/mntx", "/mntx"],
    ["--out=/mnt/x", "--out=/tmp/outer/x"],
    ["cat /mnt/x", "cat /mnt/x"],
    ["a=b=/mnt", "a=b=/mnt"],
    ["", ""],
  ])("makes %j to %j", (text, expected) => {
    expect(replaceMounts(text, mounts)).toBe(expected);
  });
});
