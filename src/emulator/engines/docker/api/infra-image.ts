import type { DockerClient } from "./docker-client.js";
import { ensureImage } from "./own-image.js";

// In full, because Podman completes shorter names in ways of its own.
export const INFRA_IMAGE = "localhost/aci-lifecycle/infra:1";

// Machine code that sleeps for ever: `pause` in a loop on x86-64; `ppoll` of nothing in a loop on arm64.
const PROGRAMS: Readonly<Record<string, { readonly machine: number; readonly code: readonly number[] }>> = {
  x86_64: { machine: 0x3e, code: [0xb8, 0x22, 0, 0, 0, 0x0f, 0x05, 0xeb, 0xf7] },
  aarch64: { machine: 0xb7, code: [0, 0, 0x80, 0xd2, 0x01, 0, 0x80, 0xd2, 0x02, 0, 0x80, 0xd2, 0x03, 0, 0x80, 0xd2, 0x04, 0, 0x80, 0xd2, 0x28, 0x09, 0x80, 0xd2, 0x01, 0, 0, 0xd4, 0xf9, 0xff, 0xff, 0x17] },
};

// Makes sure of the image of the container that holds a group's network: one program of some 150 bytes.
export function ensureInfraImage(client: DockerClient): Promise<void> {
  return ensureImage(client, INFRA_IMAGE, "pause", (architecture) => {
    const program = PROGRAMS[architecture];
    return program === undefined ? undefined : elf(program.machine, program.code);
  });
}

// The smallest 64-bit ELF program: a file head, one segment that is the whole file, the code.
export function elf(machine: number, code: readonly number[]): Buffer {
  const base = 0x400000n;
  const [headSize, segmentSize] = [64, 56];
  const size = headSize + segmentSize + code.length;
  const file = Buffer.alloc(size);
  file.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
  file.writeUInt16LE(2, 16); // an executable
  file.writeUInt16LE(machine, 18);
  file.writeUInt32LE(1, 20);
  file.writeBigUInt64LE(base + BigInt(headSize + segmentSize), 24); // where it starts
  file.writeBigUInt64LE(BigInt(headSize), 32); // where its segments are listed
  file.writeUInt16LE(headSize, 52);
  file.writeUInt16LE(segmentSize, 54);
  file.writeUInt16LE(1, 56);
  file.writeUInt32LE(1, headSize); // to be loaded …
  file.writeUInt32LE(5, headSize + 4); // … to be read and run
  file.writeBigUInt64LE(base, headSize + 16);
  file.writeBigUInt64LE(base, headSize + 24);
  file.writeBigUInt64LE(BigInt(size), headSize + 32);
  file.writeBigUInt64LE(BigInt(size), headSize + 40);
  file.writeBigUInt64LE(0x1000n, headSize + 48);
  file.set(code, headSize + segmentSize);
  return file;
}
