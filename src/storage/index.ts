export { azureFiles, type AzureFilesOptions } from "./azure-files.js";
