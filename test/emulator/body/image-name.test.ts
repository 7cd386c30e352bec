import { describe, expect, it } from "vitest";
import { registryLogin } from "../../../src/emulator/body/engine-specs.js";
import type { GroupProperties } from "../../../src/emulator/body/group-body.js";
import { isImageName, registryOf } from "../../../src/emulator/body/image-name.js";

const DIGEST = `sha256:${"0a".repeat(32)}`;

describe("the name of an image", () => {
  it.each([
    "busybox", "busybox:1", "a/b/c:v1.2-3_4", "mcr.microsoft.com/azuredocs/aci-helloworld", "localhost:5000/a__b/c-d--e.f:Latest",
    `me/app@${DIGEST}`, `registry.example:443/me/app:1@${DIGEST}`, "[2001:db8::1]:5000/app", "Registry.Example/app", `a/${"b".repeat(253)}`,
  ])("may be %s", (image) => {
    expect(isImageName(image)).toBe(true);
  });

  it.each([
    "my image", "../info", "a/../../info", "x?y", "x#y", "x%2fy", "x:", ":x", "x@", "/x", "x/", "a//b", "-x", "x-", "x_", "upper/Case", "Upper", "x:y:z", "x:y/z:", "x\n", "\0",
    `x:${"t".repeat(129)}`, "x@sha256:12", `a/${"b".repeat(254)}`, "a.".repeat(500), "a-".repeat(500), "a".repeat(1025),
  ])("may not be %j", (image) => {
    expect(isImageName(image)).toBe(false);
  });
});

describe("the registry of an image", () => {
  it.each([
    ["busybox", "index.docker.io"],
    ["me/private:1", "index.docker.io"],
    ["docker.io/me/private", "index.docker.io"],
    ["localhost/app", "localhost"],
    ["localhost:5000/app", "localhost:5000"],
    ["Me.azurecr.io/app:1", "me.azurecr.io"],
  ])("of %s is %s", (image, registry) => {
    expect(registryOf(image)).toBe(registry);
  });

  it.each(["index.docker.io", "docker.io", "registry-1.docker.io", "https://index.docker.io/v1/", "http://docker.io/v1", "DOCKER.IO"])("has the login for %s, whatever it is called", (server) => {
    const properties = { imageRegistryCredentials: [{ server: "me.azurecr.io", username: "other", password: "b" }, { server, username: "me", password: "a" }] } as unknown as GroupProperties;
    for (const image of ["me/private:1", "private", "docker.io/me/private", "index.docker.io/me/private:1"]) expect(registryLogin(properties, image)).toEqual({ server, username: "me", password: "a" });
    expect(registryLogin(properties, "me.azurecr.io/x")).toMatchObject({ username: "other" });
    expect(registryLogin(properties, "me/docker.io:1")).toMatchObject({ username: "me" });
    expect(registryLogin(properties, "quay.io/me/private")).toBeUndefined();
  });
});
