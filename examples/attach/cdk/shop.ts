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

    // The role may invoke the authorizer by each of its aliases.
    const role = Role.fromRoleArn(this, 'Invoke', imported('AuthorizerInvokeRoleArn'))
    const latchkey = (alias: 'Checked' | 'Optional') =>
      new HttpLambdaAuthorizer(alias, Function.fromFunctionArn(this, `Latchkey${alias}`, imported(`Authorizer${alias}Arn`)), {
        role,
        identitySource: [], // else API Gateway refuses cookies before it asks
        resultsCacheTtl: Duration.seconds(0), // a decision that is kept outlives a revoke
      })

    const api = new HttpApi(this, 'Api', {
      defaultAuthorizer: latchkey('Checked'), // reads are checked in the store as well
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
    const integration = new HttpLambdaIntegration('WhoAmI', this.backend())
    api.addRoutes({ path: '/me', methods: [HttpMethod.GET, HttpMethod.POST], integration })
    // Nobody has to be signed in for this one.
    api.addRoutes({ path: '/welcome', methods: [HttpMethod.GET], integration, authorizer: latchkey('Optional') })
    // For administrators: the function asserts the role.
    api.addRoutes({ path: '/reports', methods: [HttpMethod.GET], integration })
  }

  /** A function that answers who is calling, as the authorizer says. */
  private backend(): Function {
    return new Function(this, 'WhoAmIFunction', {
      runtime: Runtime.NODEJS_22_X,
      handler: 'index.handler',
      code: Code.fromInline(`
        exports.handler = async ({ rawPath, requestContext: { authorizer } }) => {
          const { latchkey, anonymous, user, handle, payload } = authorizer?.lambda ?? {}
          if (latchkey !== '1' || (anonymous && rawPath !== '/welcome')) return { statusCode: 401 }
          const roles = JSON.parse(payload ?? '{}')['st-role']?.v ?? []
          if (rawPath === '/reports' && !roles.includes('admin')) return { statusCode: 403 }
          return { user, session: handle }
        }`),
    })
  }
}
