/** Ways of doing the same work, in the order of the table's columns, with their titles. */
export const contenders = {
  millrace: 'Millrace',
  millraceUnchecked: 'Millrace, validation off',
  millracePlatformatic: 'Millrace over @platformatic/kafka',
  millraceOne: 'Millrace, one or few',
  raw: 'raw, best',
  rawAlike: "raw, Millrace's headers",
  rawCoalesced: 'raw, coalesced by hand',
  rawCommon: 'raw, common',
  nest: 'NestJS',
  moleculer: 'Moleculer',
  byHand: 'by hand',
  byHandCheckedTwice: 'by hand, checked twice',
} as const;

export type Contender = keyof typeof contenders;
/** Whom Millrace is compared with. */
export type Rival = Exclude<Contender, 'millrace'>;

export const contenderNames = Object.keys(contenders) as Contender[];
