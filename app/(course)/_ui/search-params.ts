/** What Next passes to a page: anyone can put anything into an address, once or many times. */
export type SearchParams = Promise<Record<string, string | string[] | undefined>>
