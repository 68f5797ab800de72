export { MovePlaces } from './move-places.js';
export { MoveRequests } from './move-requests.js';
export { MovesModule } from './moves.module.js';
