import type { AzureFileVolume } from "../../../container-spec.js";
import type { Known } from "../known.js";
import type { Part } from "../part.js";

const DRIVER = "file.csi.azure.com";
const ACCOUNT = /^[a-z0-9]{3,24}$/u;
const ACCOUNT_NAME = "azurestorageaccountname";
const ACCOUNT_KEY = "azurestorageaccountkey";

// A share of Azure Files, in the words of the old volume or of the CSI driver; its account and key are in a secret.
export function azureFileOf(volume: Part, known: Known): AzureFileVolume["azureFile"] | undefined {
  const [plain, csi] = [volume.part("azureFile"), volume.part("csi")];
  if (plain !== undefined) {
    checkNamespace(plain, known);
    return shareOf(plain, plain.needed("shareName"), plain.needed("secretName"), plain.flag("readOnly"), known);
  }
  if (csi === undefined) return undefined;
  const driver = csi.needed("driver");
  if (driver !== DRIVER) {
    csi.skip();
    csi.report.lost(csi.at("driver"), `ACI mounts Azure Files only, which is ${DRIVER}; give the volume in \`volumes\``);
    return undefined;
  }
  const attributes = csi.part("volumeAttributes");
  if (attributes === undefined) {
    csi.report.wrong(csi.at("volumeAttributes"), "is missing");
    return undefined;
  }
  checkNamespace(attributes, known);
  const account = attributes.text("storageAccount") ?? "";
  return shareOf(attributes, attributes.needed("shareName"), attributes.needed("secretName"), csi.flag("readOnly"), known, account);
}

function checkNamespace(part: Part, known: Known): void {
  const namespace = part.text("secretNamespace");
  if (namespace !== undefined && namespace !== known.namespace) part.report.lost(part.at("secretNamespace"), "secrets are looked for in the namespace of the pod");
}

function shareOf(part: Part, share: string, secret: string, isReadOnly: boolean, known: Known, told = ""): AzureFileVolume["azureFile"] | undefined {
  if (share === "" || secret === "") return undefined;
  const account = told === "" ? accountOf(part, secret, known) : told;
  const accountKey = account && known.secret(secret, ACCOUNT_KEY, { part, isOptional: false });
  return account && accountKey ? { account, share, accountKey, ...(isReadOnly && { isReadOnly }) } : undefined;
}

function accountOf(part: Part, secret: string, known: Known): string | undefined {
  if (known.areSecretsByName && known.contents("secret", secret) === undefined) {
    part.report.wrong(part.path, `the account is in the secret "${secret}", which is known only by its name: give the volume in \`volumes\``);
    return undefined;
  }
  const account = known.text("secret", secret, ACCOUNT_NAME, { part, isOptional: false });
  if (account === undefined || ACCOUNT.test(account)) return account;
  // Never shown: it may be the key.
  part.report.wrong(part.path, `"${ACCOUNT_NAME}" of the secret "${secret}" is not the name of a storage account`);
  return undefined;
}
