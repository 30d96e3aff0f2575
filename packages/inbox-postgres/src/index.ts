export { type InboxTablePlace, inboxTable } from './inbox-table';
export { PostgresInbox } from './postgres-inbox';
export type { PostgresInboxOptions } from './postgres-inbox-options';
