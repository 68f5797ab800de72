import { describe, it, expect } from '@jest/globals';
import { hostName } from './host-name.js';

const subdomain = (name: string) => ({ kind: 'subdomain', subdomain: name });
const domain = (name: string) => ({ kind: 'domain', domain: name });

describe('hostName', () => {
  it.each<[string, string | undefined, object]>([
    ['acme.example.com', 'example.com', subdomain('acme')],
    ['ACME.Example.com:3000', 'Example.com', subdomain('acme')],
    ['acme.example.com.', 'example.com', subdomain('acme')],
    ['acme.example.com.:443', 'example.com', subdomain('acme')],
    ['acme.localhost:3000', 'localhost', subdomain('acme')],
    ['a.b.example.com', 'example.com', domain('a.b.example.com')],
    ['acme.example.org', 'example.com', domain('acme.example.org')],
    ['acmeexample.com', 'example.com', domain('acmeexample.com')],
    ['Acme.Example.com:80', undefined, domain('acme.example.com')],
  ])('%s under %s', (text, baseDomain, name) => {
    expect(hostName(text, baseDomain)).toEqual(name);
  });

  it.each([
    ['the bare base domain', 'example.com:3000'],
    ['the same with a dot', 'EXAMPLE.com.'],
    ['localhost', 'localhost:3000'],
    ['an IPv4 address', '127.0.0.1:3000'],
    ['an IPv6 address', '[::1]:3000'],
    ['nothing', ''],
    ['an empty label', 'acme..example.com'],
    ['no label before the base domain', '.example.com'],
    ['what no host is made of', "acme'.example.com"],
    ['letters that only look alike', 'аcme.example.com'],
    ['two hosts', 'acme.example.com, globex.example.com'],
    ['a port that is none', 'acme.example.com:http'],
    ['too long a text', `${'a.'.repeat(130)}example.com`],
  ])('%s names nobody', (_, text) => {
    expect(hostName(text, 'example.com')).toBeUndefined();
  });
});
