import { describeLargeSessions, describeServerStore } from './server-store'
import { describeLateServer, describeTrouble } from './store-in-trouble'

describeServerStore()
describeLargeSessions()
describeTrouble(['is down', 'never answers'])
describeLateServer()
