// What the deliverer asks of the mapping files: the routes in force, and why an event does not take one of them.
import type { DelivererParts } from '../deliver/deliverer.ts';
import type { Store } from '../map/files/load.ts';
import type { Mappings } from '../map/files/mappings.ts';
import type { Route } from '../map/files/route.ts';
import type { Clock } from '../types.ts';
import { refusal } from './digest.ts';

/** Answers by the mapping files as they are when it is asked. */
export function createRouting(
  mappings: Pick<Mappings, 'all' | 'get'>,
  now: Clock,
): Pick<DelivererParts, 'routes' | 'refusal'> {
  let stores: readonly Store[] = [];
  let routes: readonly Route[] = [];
  return {
    routes: () => {
      const inUse = mappings.all();
      if (inUse !== stores) routes = inUse.flatMap((store) => store.routes);
      stores = inUse;
      return routes;
    },
    refusal: async ({ store: of, name }, event) => {
      const store = mappings.get(of);
      const route = store?.routes.find((one) => one.name === name);
      return store && route && refusal(route, event, store, now());
    },
  };
}
