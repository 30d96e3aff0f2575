import { MillraceError } from '../errors/millrace-error';
import { shortened } from '../errors/shortened';
import { headerNames, type MessageHeaders } from '../message/headers';
import type { Message } from '../message/message';
import type { HandlerRoute } from './handler-route';
import { typeNameOf } from './type-name';

/**
 * Finds the sinks for a record among those of one binding. With one class the type header counts only if the class has a
 * `type` of its own: other services may name their copy of the class as they like.
 */
export class Routes {
  readonly #binding: string;
  readonly #byType = new Map<string, HandlerRoute[]>();
  readonly #only: readonly HandlerRoute[] | undefined;
  readonly #first: HandlerRoute;

  constructor(binding: string, routes: readonly [HandlerRoute, ...HandlerRoute[]]) {
    this.#binding = binding;
    this.#first = routes[0];
    for (const route of routes) {
      const type = typeNameOf(route.channel);
      this.#byType.set(type, [...(this.#byType.get(type) ?? []), route]);
    }
    this.#only = this.#byType.size === 1 ? routes : undefined;
  }

  /** Sinks of the record's class, in the order of their declaration. @throws MillraceError TYPE_UNKNOWN */
  for(headers: MessageHeaders): readonly HandlerRoute[] {
    if (this.#only !== undefined && this.#first.channel.options.type === undefined) return this.#only;
    const type = headers[headerNames.type];
    if (type === undefined && this.#only !== undefined) return this.#only;
    const routes = typeof type === 'string' ? this.#byType.get(type) : undefined;
    if (routes !== undefined) return routes;
    const found =
      typeof type === 'string'
        ? `the type header says '${shortened(type)}'`
        : `there is no type header '${headerNames.type}'`;
    throw new MillraceError(
      'TYPE_UNKNOWN',
      `'${this.#binding}' takes ${[...this.#byType.keys()].join(', ')}, but ${found}`,
    );
  }
}

/** The first sink whose filter takes the message; one without a filter takes all. */
export function accepting(routes: readonly HandlerRoute[], message: Message<unknown>): HandlerRoute | undefined {
  return routes.find((route) => route.accepts === undefined || route.accepts(message));
}
