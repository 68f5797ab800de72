import { WeakValues } from './weak-values.js';
import { generatedPermissions, impliedBy, PLATFORM_ONLY } from './permission.js';

/** Whose business records a permission reaches: the tenant's, those of himself and the people under him, or his own. */
export type RecordScope = 'all' | 'team' | 'own';

/** A permission as somebody has it, before what it implies is worked out. */
export interface Grant {
  readonly code: string;
  readonly scope: RecordScope;
}

const codes: string[] = [];
const bits = new Map<string, number>();
/** The bits that a code and all that it implies stand for, worked out once a code. */
const masks = new Map<string, readonly number[]>();
for (const { code } of generatedPermissions()) bitOf(code);

/** The number of a code's bit, the same for the life of the process. Custom codes are numbered as they are met. */
export function bitOf(code: string): number {
  const known = bits.get(code);
  if (known !== undefined) return known;
  const bit = codes.push(code) - 1;
  bits.set(code, bit);
  return bit;
}

/** No permission has this number, so that no set holds it. */
const NOBODYS = 2 ** 31 - 1;

/** The same of a code that may be anybody's invention: one that was never met gets no number, for nobody can hold it. */
export const findBit = (code: string): number => bits.get(code) ?? NOBODYS;

/**
 * The permissions of a caller with the widest record scope of each; what a permission implies is in it already, so that a
 * check is one bit test. Equal sets are the same object.
 */
export class PermissionSet {
  private static made = 0;
  /** tells sets apart; the same for the life of the object */
  readonly id = ++PermissionSet.made;

  private constructor(
    private readonly any: Uint32Array,
    private readonly team: Uint32Array,
    private readonly all: Uint32Array,
  ) {}

  /**
   * The set of these grants. A code that is none (of a module that is gone) gives nothing, and neither does one that
   * only the platform holds: a platform user needs no set.
   */
  static of(grants: Iterable<Grant>): PermissionSet {
    const words = { own: [] as number[], team: [] as number[], all: [] as number[] };
    for (const { code, scope } of grants) merge(words[scope], maskOf(code));
    merge(words.team, words.all);
    merge(words.own, words.team);
    const { own: any, team, all } = words;
    return shared.getOrMake(`${any.join()};${team.join()};${all.join()}`, () => {
      const packed = (list: number[]): Uint32Array => Uint32Array.from(list);
      return new PermissionSet(packed(any), packed(team), packed(all));
    });
  }

  has(bit: number): boolean {
    return holds(this.any, bit);
  }

  /** The widest record scope with which the permission is held; undefined when it is not. */
  scopeOf(bit: number): RecordScope | undefined {
    if (!holds(this.any, bit)) return undefined;
    if (holds(this.all, bit)) return 'all';
    return holds(this.team, bit) ? 'team' : 'own';
  }

  /** Whether the other set has every permission of this one; record scopes are not compared. */
  isSubsetOf(other: PermissionSet): boolean {
    return this.any.every((word, index) => (word & ~(other.any[index] ?? 0)) === 0);
  }

  /** Every permission held with its record scope, in the registry's order, what is implied included. */
  grants(): Grant[] {
    const held: Grant[] = [];
    for (const [bit, code] of codes.entries()) {
      const scope = this.scopeOf(bit);
      if (scope !== undefined) held.push({ code, scope });
    }
    return held;
  }
}

const shared = new WeakValues<PermissionSet>();

const holds = (words: Uint32Array, bit: number): boolean => ((words[bit >>> 5] ?? 0) & (1 << (bit & 31))) !== 0;

/** Adds the bits of `from`; words that were never written are zero and are left out at the end. */
function merge(into: number[], from: readonly number[]): void {
  while (into.length < from.length) into.push(0);
  for (const [index, word] of from.entries()) into[index] = ((into[index] ?? 0) | word) >>> 0;
}

function maskOf(code: string): readonly number[] {
  const known = masks.get(code);
  if (known !== undefined) return known;
  const mask: number[] = [];
  for (const implied of impliedBy(code)) {
    if (PLATFORM_ONLY.has(implied)) continue;
    const bit = bitOf(implied);
    while (mask.length <= bit >>> 5) mask.push(0);
    mask[bit >>> 5] = ((mask[bit >>> 5] ?? 0) | (1 << (bit & 31))) >>> 0;
  }
  // what is no code is not remembered: the table stays as large as the permissions there are
  if (mask.length > 0) masks.set(code, mask);
  return mask;
}
