// A folder of one platform and one store, and the mistakes that a change of one of the two makes.
import { ACME, type Files, mistakes, SHOP } from '../../support/yaml.ts';

export const files = (shop: string, store = ACME): Files => ({ 'shop.yaml': shop, 'stores/acme.yaml': store });
export const shop = (from: string, to: string) => mistakes(files(SHOP.replace(from, to)));
export const store = (from: string, to: string) => mistakes(files(SHOP, ACME.replace(from, to)));
