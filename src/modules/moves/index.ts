export { MovePlaces } from './move-places.js';
export { MovesModule } from './moves.module.js';
export { MovesService } from './moves.service.js';
