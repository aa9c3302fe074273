import { dispatch } from '#app/_doors/api/dispatch.ts';
import { routes } from '#app/_doors/api/routes.ts';
import { apiActor } from '#app/_doors/api-actor.ts';

const answer = (request: Request) => dispatch({ routes, actorOf: apiActor }, request);

export {
  answer as DELETE,
  answer as GET,
  answer as HEAD,
  answer as OPTIONS,
  answer as PATCH,
  answer as POST,
  answer as PUT,
};
