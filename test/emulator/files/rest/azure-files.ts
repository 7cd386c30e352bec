import { ShareServiceClient, StorageSharedKeyCredential, type ShareClient, type StoragePipelineOptions } from "@azure/storage-file-share";
import { scripted, startEmulator, type Emulator } from "aci-lifecycle/emulator";

export const ACCOUNT = "bookstore";
// A refusal is told at once, and not after retries.
export const ONCE: StoragePipelineOptions = { retryOptions: { maxTries: 1 } };

/** An emulator with a share named `books`, and Microsoft's client for it. */
export interface AzureFiles extends AsyncDisposable {
  readonly emulator: Emulator;
  readonly url: string;
  readonly credential: StorageSharedKeyCredential;
  readonly service: ShareServiceClient;
  readonly share: ShareClient;
}

export async function startAzureFiles(): Promise<AzureFiles> {
  const emulator = await startEmulator({ engine: scripted({}), token: "0123456789abcdef" });
  const { url, accountName, accountKey } = await emulator.fileService(ACCOUNT);
  const credential = new StorageSharedKeyCredential(accountName, accountKey);
  const service = new ShareServiceClient(url, credential, ONCE);
  const share = service.getShareClient("books");
  await share.create();
  return { emulator, url, credential, service, share, [Symbol.asyncDispose]: () => emulator.close() };
}

/** What a refusal says; that of a HEAD says it in a header. */
export async function refusalOf(work: Promise<unknown>): Promise<{ readonly status: unknown; readonly code: unknown }> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason as { readonly statusCode?: number; readonly code?: string; readonly details?: { readonly errorCode?: string } },
  );
  return { status: error?.statusCode, code: error?.code ?? error?.details?.errorCode };
}
