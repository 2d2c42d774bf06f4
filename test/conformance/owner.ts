import type { NewTask } from '@tickwork/task/ports';
import type { Task } from '@tickwork/task/task';

/** What an owner may try to say of a row. Status, tick, result and error are the owner's to change; the rest is the server's. */
export type OwnerChange = Partial<Omit<Task, 'createdAt'>>;

/**
 * What an owner does in Supabase itself, past the gateway. Rejects with the product's TaskError; answers false where there is
 * no such row for this user.
 */
export interface Owner {
  /** With a correlation_id of the owner's choice. Whatever else `given` says, the server's counts. */
  insert(task: NewTask, given?: OwnerChange): Promise<void>;
  update(correlationId: string, change: OwnerChange): Promise<boolean>;
  /** An update that changes nothing but the row's stamp. */
  touch(correlationId: string): Promise<boolean>;
  cancel(correlationId: string): Promise<boolean>;
  remove(correlationId: string): Promise<boolean>;
}
