import { newId } from '../../../common/ids.js';

const ID = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/gi;

/** New ids for those that must be others beside the first: wherever one stands, in a column, in JSON or in a text. */
export class NewIds {
  private readonly ids = new Map<string, string>();

  add(id: string, to = newId()): void {
    this.ids.set(id, to);
  }

  get(id: string): string {
    return this.ids.get(id) ?? id;
  }

  /** Lines of COPY, in which no character of an id is ever escaped. */
  in(bytes: Buffer): Buffer {
    // byte for byte, whatever the other characters are
    const text = bytes.toString('latin1');
    return Buffer.from(
      text.replaceAll(ID, (id) => this.ids.get(id.toLowerCase()) ?? id),
      'latin1',
    );
  }
}
