/**
 * A program for `rabbitmqctl eval`: tells clients, by `basic.cancel`, that the broker has ended their consumers. For the broker they
 * go on to be some.
 *
 * @param which a condition in Erlang; `C` are the facts about a consumer
 * @param first what is done for each of them before, in Erlang, with its channel `P` and its tag `T`
 */
export function tellOfConsumersEnd(which: string, first: readonly string[] = []): string {
  const steps = [
    'P = proplists:get_value(channel_pid, C), T = proplists:get_value(consumer_tag, C)',
    ...first,
    "{dictionary, D} = process_info(P, dictionary), [S | _] = proplists:get_value('$ancestors', D)",
    '{writer, W, _, _} = lists:keyfind(writer, 1, supervisor:which_children(S))',
    "rabbit_writer:send_command(W, {'basic.cancel', T, true})",
  ];
  return `[begin ${steps.join(', ')} end || C <- rabbit_amqqueue:consumers_all(<<"/">>), ${which}].`;
}
