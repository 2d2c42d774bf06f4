/**
 * The order in which values came into being, which stamps only claim to tell: the witness sees every write as it happens. A
 * value is named by its task and its stamp; a rebase gives one another name.
 */
export function createValues() {
  const byStamp = new Map<string, number>();
  const ofRow = new Map<string, number>();
  let last = 0;
  const name = (id: string, stamp: string | number) => `${id} ${stamp}`;
  return {
    written: (id: string, stamp: string) => void byStamp.set(name(id, stamp), ++last),
    renamed(id: string, from: string, to: string): void {
      byStamp.set(name(id, to), byStamp.get(name(id, from)) ?? ofRow.get(id) ?? 0);
    },
    /** The row went back to the value of this stamp. */
    restored: (id: string, stamp: number) => void ofRow.set(id, byStamp.get(name(id, stamp)) ?? 0),
    /** A sync brought the value of this stamp to the row; false when the row had a newer one. */
    synced(id: string, stamp: number): boolean {
      const value = byStamp.get(name(id, stamp)) ?? 0;
      const before = ofRow.get(id) ?? 0;
      ofRow.set(id, value);
      return value >= before;
    },
  };
}
