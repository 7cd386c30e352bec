import type { RegistrySpec } from "../../../container-spec.js";
import type { Known } from "../known.js";
import { firstTwice, type Part } from "../part.js";

interface LogIn {
  readonly username?: unknown;
  readonly password?: unknown;
  readonly auth?: unknown;
}

// The log-ins of a pod's pull secrets, or those that the caller gives.
export function registriesOf(spec: Part, known: Known): readonly RegistrySpec[] {
  const secrets = spec.parts("imagePullSecrets").map((part) => ({ part, name: part.needed("name") }));
  const all = known.sources.registries ?? secrets.flatMap(({ part, name }) => (name === "" ? [] : logInsOf(part, name, known)));
  const twice = firstTwice(all.map(({ server }) => server));
  if (twice !== undefined) spec.report.wrong(spec.at("imagePullSecrets"), `ACI takes one log-in for "${twice}": give it in \`registries\``);
  return all;
}

function logInsOf(part: Part, name: string, known: Known): readonly RegistrySpec[] {
  const contents = known.contents("secret", name);
  if (contents === undefined) {
    part.report.wrong(part.path, `${known.notGiven("secret", name)}; or give the log-ins in \`registries\``);
    return [];
  }
  // Its text is taken apart anew for each that refers to it.
  if (!known.mayHave([...contents.values()].reduce((sum, text = "") => sum + text.length, 0), part)) return [];
  const servers = Object.entries(configOf(contents) ?? {});
  if (servers.length === 0) part.report.wrong(part.path, `the secret "${name}" has no \`.dockerconfigjson\` or \`.dockercfg\` with log-ins`);
  return servers.flatMap(([address, logIn]) => {
    const { username, password } = credentialOf(logIn);
    // ACI takes the name of a registry only: `https://index.docker.io/v1/` is `index.docker.io`.
    const server = address.replace(/^https?:\/\//u, "").replace(/\/.*$/u, "");
    if (username !== "" && password !== "") return [{ server, username, password: { secureValue: password } }];
    part.report.wrong(part.path, `the secret "${name}" has no user and password for "${server}"`);
    return [];
  });
}

function configOf(contents: ReadonlyMap<string, string | undefined>): Readonly<Record<string, LogIn>> | undefined {
  try {
    const [whole, old] = [contents.get(".dockerconfigjson"), contents.get(".dockercfg")];
    if (whole !== undefined) return (JSON.parse(whole) as { readonly auths?: Readonly<Record<string, LogIn>> } | null)?.auths;
    return old === undefined ? undefined : (JSON.parse(old) as Readonly<Record<string, LogIn>>);
  } catch {
    return undefined;
  }
}

function credentialOf(logIn: LogIn | null): { readonly username: string; readonly password: string } {
  const { username, password, auth } = logIn ?? {};
  if (typeof auth === "string" && auth !== "") {
    const [, user = "", secret = ""] = /^([^:]*):([\s\S]*)$/u.exec(Buffer.from(auth, "base64").toString()) ?? [];
    return { username: user, password: secret };
  }
  return { username: typeof username === "string" ? username : "", password: typeof password === "string" ? password : "" };
}
