/**
 * Files that go into a job and come out of it, by way of a file share that its containers mount.
 *
 * Every attempt has a folder of its own in the share. Inside the containers its path is the value of the environment
 * variable `ACI_JOB_FOLDER`, and `$(ACI_JOB_FOLDER)` stands for it in commands and in environment values.
 *
 * @example
 * ```ts
 * files: { inputs: { "in.mov": { localPath: "./holiday.mov" } }, outputs: { video: "out.mp4", thumbnails: "thumbs/*.jpg" } }
 * ```
 * @public
 */
export interface JobFiles<O extends string = never> {
  /** What is put into the folder before the containers start, by its path there. @defaultValue nothing */
  readonly inputs?: Readonly<Record<string, JobInput>> | undefined;
  /**
   * What is collected after the main container has ended and before the group is deleted, by a name of your own: the path
   * of one file in the folder, or a pattern with `*`, `**`, `?`, `[ab]` or `{a,b}`. A job that ends well but has not left
   * a file whose path was given fails; a pattern may match nothing. Inputs match no pattern.
   *
   * @defaultValue nothing
   */
  readonly outputs?: Readonly<Record<O, string>> | undefined;
  /** Where the containers see the share: an absolute path that no other volume has. @defaultValue `"/job"` */
  readonly mountPath?: string | undefined;
}

/**
 * The content of an input: a file of the machine that begins the job, or a text, which travels in the handle and so should
 * be short.
 *
 * @public
 */
export type JobInput = { readonly localPath: string } | { readonly text: string };
