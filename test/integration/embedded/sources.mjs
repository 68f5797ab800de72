/** `node --import` of this file runs the TypeScript sources as they are: the node of the package strips types by itself. */
import { registerHooks } from 'node:module';

registerHooks({
  resolve(specifier, context, next) {
    const source =
      specifier.startsWith('.') && context.parentURL?.endsWith('.ts') ? specifier.replace(/\.js$/, '.ts') : specifier;
    return next(source, context);
  },
});
