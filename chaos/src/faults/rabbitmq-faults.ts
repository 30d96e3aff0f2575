import { setTimeout as pause } from 'node:timers/promises';
import { type OwnRabbitmq, tellOfConsumersEnd } from '@millrace/brokers';
import type { Actions } from './fault';

/** Of the archivist, who is a group by himself, and of broadcasts. */
const IS_ALONE = 're:run(element(4, proplists:get_value(queue_name, C)), "archivists|anonymous") =/= nomatch';

/**
 * Ends consumers at the broker and tells their clients so, as the broker does when a queue goes. Only of groups with one member: what
 * the consumer has in hand stays with its channel, and the broker goes on behind that with the next member of a group, before anybody
 * can hear of it. What is to keep the order of a key then, no client can do.
 */
const CANCEL = tellOfConsumersEnd(IS_ALONE, ["rabbit_channel:do(P, {'basic.cancel', T, true})"]);

/** An acknowledgement of what was never delivered: for that the broker closes a channel. */
const CLOSE_CHANNELS = "[rabbit_channel:do(P, {'basic.ack', 1 bsl 60, false}) || P <- rabbit_channel:list_local()].";

const DELETE_BROADCASTS = `[begin
  {ok, Q} = rabbit_amqqueue:lookup(N),
  case binary:match(element(4, N), <<".anonymous.">>) of
    nomatch -> kept;
    _ -> rabbit_amqqueue:delete(Q, false, false, <<"operator">>)
  end
end || N <- rabbit_amqqueue:list_names(<<"/">>)].`;

/** What an operator of RabbitMQ, or the broker itself, does to its clients. */
export function rabbitmqFaults(rabbitmq: OwnRabbitmq): Actions {
  const evaluate = (program: string) => async (): Promise<void> => {
    await rabbitmq.ctl('eval', program);
  };
  return {
    'memory alarm': async ({ forSeconds }) => {
      await using _alarm = await rabbitmq.memoryAlarm();
      await pause(forSeconds * 1_000);
    },
    'consumers cancelled': evaluate(CANCEL),
    'channels closed': evaluate(CLOSE_CHANNELS),
    'broadcast queue deleted': evaluate(DELETE_BROADCASTS),
  };
}
