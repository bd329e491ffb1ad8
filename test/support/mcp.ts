// An assistant: it speaks with the protocol's own client, and calls tools.
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { z } from 'zod';

export type Mode = 'legacy' | 'auto' | { pin: string };
export async function connectTo(address: URL, token: string, mode: Mode): Promise<Client> {
  const client = new Client({ name: 'a test', version: '1' }, { versionNegotiation: { mode } });
  const headers = { authorization: `Bearer ${token}` };
  await client.connect(new StreamableHTTPClientTransport(address, { requestInit: { headers } }));
  return client;
}
const Result = z.object({
  content: z.tuple([z.object({ type: z.literal('text'), text: z.string() })]),
  structuredContent: z.looseObject({}).optional(),
  isError: z.boolean().optional(),
});
export async function call(client: Client, name: string, given: Record<string, unknown> = {}) {
  const {
    content,
    structuredContent,
    isError = false,
  } = Result.parse(await client.callTool({ name, arguments: given }));
  return { text: content[0].text, json: structuredContent, isError };
}
export const namesOf = async (client: Client) => (await client.listTools()).tools.map(({ name }) => name).sort();
