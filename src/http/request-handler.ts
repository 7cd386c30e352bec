/** A server's function in the form of the fetch API: it fits wherever `Request` and `Response` are known. @public */
export type RequestHandler = (request: Request) => Promise<Response>;
