/** One request of a `.http` file. */
export interface FileRequest {
  readonly title: string;
  /** By which later requests name its answer. */
  readonly name: string | undefined;
  readonly expected: number;
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
}
export interface HttpFile {
  readonly variables: Readonly<Record<string, string>>;
  readonly requests: readonly FileRequest[];
}

/** Reads the format of VS Code's REST Client, as far as docs/requests uses it; `# expect 201` is ours. */
export function readHttpFile(text: string): HttpFile {
  const [head = '', ...blocks] = text.split(/^###/m);
  const variables = Object.fromEntries(
    [...head.matchAll(/^@(\w+) = (.+)$/gm)].map(([, name = '', value = '']) => [name, value]),
  );
  return { variables, requests: blocks.map(readRequest) };
}

function readRequest(block: string): FileRequest {
  const [title = '', ...lines] = block.split('\n');
  const comments = lines.filter((line) => line.startsWith('#'));
  const said = (word: string): string | undefined =>
    comments.flatMap((line) => new RegExp(`^# ${word} (\\S+)$`).exec(line)?.[1] ?? [])[0];
  const [start = '', ...rest] = lines
    .filter((line) => !line.startsWith('#'))
    .join('\n')
    .trim()
    .split('\n');
  const [method = '', url = ''] = start.split(' ');
  const end = rest.indexOf('');
  const headers = (end === -1 ? rest : rest.slice(0, end)).map((line) => line.split(/: (.*)/, 2) as [string, string]);
  const body = end === -1 ? undefined : rest.slice(end + 1).join('\n');
  const expected = Number(said('expect'));
  if (method === '' || url === '' || !(expected > 0)) throw new Error(`this is no request: ${block}`);
  return {
    title: title.trim(),
    name: said('@name'),
    expected,
    method,
    url,
    headers: Object.fromEntries(headers),
    body,
  };
}

/** The text with its variables written out. @param answers bodies by the names of their requests */
export function filled(text: string, variables: HttpFile['variables'], answers: ReadonlyMap<string, unknown>): string {
  return text.replace(/\{\{([^}]+)\}\}/g, (_, name: string) => {
    const [request = '', , , ...path] = name.split('.');
    if (path.length === 0) return filled(variables[name] ?? `no variable ${name}`, variables, answers);
    return String(
      path.reduce<unknown>((value, part) => Reflect.get(Object(value) as object, part), answers.get(request)),
    );
  });
}
