import { findModule, PLATFORM_RESOURCES } from '../../access/index.js';
import type { StoredRow } from '../dto/business.dto.js';
import type { Table } from './columns.js';
import type { ResourceInput } from './resource.js';
import { singular } from './singular.js';

/** What a resource is called in paths, operations and sentences. */
export interface Names {
  readonly key: string;
  readonly path: string;
  readonly idParameter: string;
  readonly title: string;
  readonly isPrivate: boolean;
  readonly isBusiness: boolean;
}

/** From the registry; of a resource of the platform, from its path and its table. */
export function namesOf({ access, path, idParameter }: ResourceInput<StoredRow>, table: Table): Names {
  if (PLATFORM_RESOURCES.has(access)) {
    if (path === undefined) throw new Error('a resource of the platform names its path');
    return {
      key: table.name,
      path,
      idParameter: idParameter ?? `${singular(table.name)}_id`,
      title: table.name.replaceAll('_', ' '),
      isPrivate: false,
      isBusiness: false,
    };
  }
  const [moduleKey = '', submoduleKey] = access.split('.');
  const module = findModule(moduleKey);
  const submodule = module?.submodules.find(({ key }) => key === submoduleKey);
  if (module === undefined || submodule === undefined)
    throw new Error(`"${access}" is not in the module registry (platform/access/modules.ts)`);
  return {
    key: `${module.key}_${submodule.key}`,
    path: `${module.key.replaceAll('_', '-')}/${submodule.path}`,
    idParameter: `${singular(submodule.key)}_id`,
    title: submodule.name.toLowerCase(),
    isPrivate: submodule.private,
    isBusiness: true,
  };
}
