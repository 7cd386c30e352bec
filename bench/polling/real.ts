export async function runReal(): Promise<void> {
  await Promise.resolve();
}
