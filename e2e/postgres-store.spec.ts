import { describeLateServer, describeTrouble } from './store-in-trouble'

describeTrouble(['is down', 'never answers'])
describeLateServer()
