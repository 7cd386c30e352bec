import type { AzureFileVolume } from "../../../container-spec.js";
import type { Known } from "../known.js";
import type { Part } from "../part.js";

const DRIVER = "file.csi.azure.com";
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
  const account = attributes.text("storageAccount");
  return shareOf(attributes, attributes.needed("shareName"), attributes.needed("secretName"), csi.flag("readOnly"), known, account);
}

function checkNamespace(part: Part, known: Known): void {
  const namespace = part.text("secretNamespace");
  if (namespace !== undefined && namespace !== known.namespace) part.report.lost(part.at("secretNamespace"), "secrets are looked for in the namespace of the pod");
}

function shareOf(part: Part, share: string, secret: string, isReadOnly: boolean, known: Known, told?: string): AzureFileVolume["azureFile"] | undefined {
  if (share === "" || secret === "") return undefined;
  const where = { part, isOptional: false };
  if (told === undefined && known.areSecretsByName && known.contents("secret", secret) === undefined) {
    part.report.wrong(part.path, `the account is in the secret "${secret}", which is known only by its name: give the volume in \`volumes\``);
    return undefined;
  }
  const account = told ?? known.text("secret", secret, ACCOUNT_NAME, where);
  const accountKey = known.secret(secret, ACCOUNT_KEY, where);
  return account === undefined || accountKey === undefined ? undefined : { account, share, accountKey, ...(isReadOnly && { isReadOnly }) };
}
