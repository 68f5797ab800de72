export { compileAnswers } from './answers.js';
export { collectDocument, type DocumentInfo, publishedDocument } from './document.js';
