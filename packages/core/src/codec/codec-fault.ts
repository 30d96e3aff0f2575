/** Something wrong with what a channel says of its payload. */
export interface CodecFault {
  readonly problem: string;
  readonly remedy: string;
}
