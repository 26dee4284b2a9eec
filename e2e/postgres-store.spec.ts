import { describeLargeSessions, describeServerStore } from './server-store'
import { describeLateServer, describePassword, describeTrouble } from './store-in-trouble'

describeServerStore()
describeLargeSessions()
describeTrouble(['is down', 'never answers'])
describeLateServer()
describePassword('DATABASE_URL')
