export { MovesModule } from './moves.module.js';
export { MovesService } from './moves.service.js';
