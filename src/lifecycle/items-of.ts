import type { Page } from "../gateway.js";

// The items of a list, page after page.
export async function* itemsOf<T>(readPage: (page: string | undefined) => Promise<Page<T>>): AsyncGenerator<T, void, undefined> {
  let next: string | undefined;
  do {
    const page = await readPage(next);
    yield* page.items;
    next = page.next;
  } while (next !== undefined);
}
