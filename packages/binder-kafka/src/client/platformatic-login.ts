import type { loginOf } from './kafka-credentials';
import type { LoginOptions } from './platformatic-library';

type Login = NonNullable<ReturnType<typeof loginOf>>;

/** The log-in as @platformatic/kafka takes it. */
export function loginOver(login: Login): LoginOptions {
  if (login.mechanism !== 'oauthbearer') {
    const { mechanism, username, password } = login;
    return { mechanism: mechanism.toUpperCase() as LoginOptions['mechanism'], username, password };
  }
  return {
    mechanism: 'OAUTHBEARER',
    token: async () => (await login.oauthBearerProvider()).value,
    authBytesValidator: checkToken,
  };
}

/** A token that is refused is answered without an error code, and then with the reason. The library's own check calls back twice. */
const checkToken: NonNullable<LoginOptions['authBytesValidator']> = (answer, done) => {
  const reason = answer.length === 0 ? '' : answer.toString();
  if (!/"status"\s*:/.test(reason)) return done(null, answer);
  done(Object.assign(new Error(`the token is refused: ${reason}`), { apiId: 'SASL_AUTHENTICATION_FAILED' }));
};
