// Synthesizes the stack: `npm run synth`. For cdk deploy, name this file as the
// app: npx cdk deploy --app "npx tsx app.ts".
import { App } from 'aws-cdk-lib'
import { Shop } from './shop.ts'

const app = new App()
new Shop(app, 'Shop', {
  latchkey: app.node.tryGetContext('latchkey') ?? 'latchkey',
  origin: app.node.tryGetContext('origin') ?? 'http://localhost:3000',
})
app.synth()
