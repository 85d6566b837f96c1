import { Duration, Fn, Stack } from 'aws-cdk-lib'
import { CorsHttpMethod, HttpApi, HttpMethod } from 'aws-cdk-lib/aws-apigatewayv2'
import { HttpLambdaAuthorizer } from 'aws-cdk-lib/aws-apigatewayv2-authorizers'
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations'
import { Role } from 'aws-cdk-lib/aws-iam'
import { Code, Function, Runtime } from 'aws-cdk-lib/aws-lambda'
import type { Construct } from 'constructs'

export interface ShopProps {
  /** Name of Latchkey's stack, in the same account and region. */
  latchkey: string
  /** Origin of the page that calls the API, such as https://app.example.com. */
  origin: string
}

/** An HTTP API whose routes are all behind Latchkey's authorizer. */
export class Shop extends Stack {
  constructor(scope: Construct, id: string, props: ShopProps) {
    super(scope, id)
    const imported = (name: string) => Fn.importValue(`${props.latchkey}-${name}`)

    const session = new HttpLambdaAuthorizer('Session', Function.fromFunctionArn(this, 'Latchkey', imported('AuthorizerArn')), {
      // The role may invoke the authorizer. A permission for each API would
      // fill up the function's policy.
      role: Role.fromRoleArn(this, 'Invoke', imported('AuthorizerInvokeRoleArn')),
      identitySource: [], // else API Gateway refuses cookies before it asks
      resultsCacheTtl: Duration.seconds(0), // a decision that is kept outlives a revoke
    })

    const api = new HttpApi(this, 'Api', {
      defaultAuthorizer: session,
      corsPreflight: {
        allowOrigins: [props.origin],
        allowCredentials: true,
        allowMethods: [CorsHttpMethod.GET, CorsHttpMethod.POST, CorsHttpMethod.OPTIONS],
        allowHeaders: ['content-type', 'rid', 'fdi-version', 'anti-csrf', 'authorization', 'st-auth-mode'],
        exposeHeaders: ['front-token', 'st-access-token', 'st-refresh-token', 'anti-csrf'],
        maxAge: Duration.hours(1),
      },
    })

    // One route for each method: ANY would take the preflight as well.
    api.addRoutes({
      path: '/me',
      methods: [HttpMethod.GET, HttpMethod.POST],
      integration: new HttpLambdaIntegration('WhoAmI', this.backend()),
    })
  }

  /** A function that answers who is calling, as the authorizer says. */
  private backend(): Function {
    return new Function(this, 'WhoAmIFunction', {
      runtime: Runtime.NODEJS_22_X,
      handler: 'index.handler',
      code: Code.fromInline(`
        exports.handler = async ({ requestContext: { authorizer } }) => {
          const { latchkey, user, handle } = authorizer?.lambda ?? {}
          return latchkey === '1' ? { user, session: handle } : { statusCode: 401 }
        }`),
    })
  }
}
